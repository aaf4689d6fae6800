# The fuzz target of core/trust. With Clang: libFuzzer (configure with -DHANSA_FUZZ=ON
# -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_CXX_FLAGS=-Wno-unknown-warning-option
# -DHANSA_SANITIZE=address,undefined,fuzzer-no-link). With another
# compiler: the same target on files that are named.
if(HANSA_FUZZ)
  add_executable(fuzz-signature-verify ${CMAKE_SOURCE_DIR}/tests/fuzz/signature_verify_fuzz.cpp)
  target_link_libraries(fuzz-signature-verify PRIVATE hansa_flags hansa_trust)
  if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    target_link_options(fuzz-signature-verify PRIVATE -fsanitize=fuzzer)
  else()
    target_sources(fuzz-signature-verify PRIVATE ${CMAKE_SOURCE_DIR}/tests/fuzz/replay_main.cpp)
  endif()
  set_target_properties(fuzz-signature-verify PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
endif()
# The fast verification against the reference; tests/differential/verify_test.cpp tries the same on every run.
if(HANSA_FUZZ)
  add_executable(fuzz-fast-verify ${CMAKE_SOURCE_DIR}/tests/fuzz/fast_verify_fuzz.cpp)
  target_link_libraries(fuzz-fast-verify PRIVATE hansa_flags hansa_trust)
  if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    target_link_options(fuzz-fast-verify PRIVATE -fsanitize=fuzzer)
  else()
    target_sources(fuzz-fast-verify PRIVATE ${CMAKE_SOURCE_DIR}/tests/fuzz/replay_main.cpp)
  endif()
  set_target_properties(fuzz-fast-verify PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
endif()
