# The fuzz target of the compiled reader.
if(HANSA_FUZZ)
  add_executable(fuzz-schema-reader ${CMAKE_CURRENT_LIST_DIR}/schema_reader_fuzz.cpp
    ${CMAKE_SOURCE_DIR}/tests/differential/reader_agreement.cpp)
  target_link_libraries(fuzz-schema-reader PRIVATE hansa_flags hansa_schema)
  if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    target_link_options(fuzz-schema-reader PRIVATE -fsanitize=fuzzer)
  else()
    target_sources(fuzz-schema-reader PRIVATE ${CMAKE_CURRENT_LIST_DIR}/replay_main.cpp)
  endif()
  set_target_properties(fuzz-schema-reader PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
endif()
