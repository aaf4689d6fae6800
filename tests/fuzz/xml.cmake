# The fuzz target of core/xml, and the mutants that every run tries with the same check.
set(agreement ${CMAKE_SOURCE_DIR}/tests/fuzz/xml_agreement.cpp ${CMAKE_SOURCE_DIR}/tests/support/libxml2.cpp)
hansa_test(test-xml-mutants differential FILES ${CMAKE_SOURCE_DIR}/tests/fuzz/xml_mutants_test.cpp ${agreement}
  USES xml LINK LibXml2::LibXml2)
if(HANSA_FUZZ)
  add_executable(fuzz-xml-scanner ${CMAKE_SOURCE_DIR}/tests/fuzz/xml_scanner_fuzz.cpp ${agreement})
  target_link_libraries(fuzz-xml-scanner PRIVATE hansa_flags hansa_xml LibXml2::LibXml2)
  if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    target_link_options(fuzz-xml-scanner PRIVATE -fsanitize=fuzzer)
  else()
    target_sources(fuzz-xml-scanner PRIVATE ${CMAKE_SOURCE_DIR}/tests/fuzz/replay_main.cpp)
  endif()
  set_target_properties(fuzz-xml-scanner PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)

  # The fast scanner against the reference, token by token.
  add_executable(fuzz-xml-fast-scanner ${CMAKE_SOURCE_DIR}/tests/fuzz/xml_fast_scanner_fuzz.cpp
    ${CMAKE_SOURCE_DIR}/tests/support/scanner_pair.cpp)
  target_link_libraries(fuzz-xml-fast-scanner PRIVATE hansa_flags hansa_xml)
  if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    target_link_options(fuzz-xml-fast-scanner PRIVATE -fsanitize=fuzzer)
  else()
    target_sources(fuzz-xml-fast-scanner PRIVATE ${CMAKE_SOURCE_DIR}/tests/fuzz/replay_main.cpp)
  endif()
  set_target_properties(fuzz-xml-fast-scanner PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
endif()
