# The compiled conversions of all tables.
hansa_test(test-fast-conversions differential FILES conversion_rows_test.cpp
  ${CMAKE_SOURCE_DIR}/tests/unit/mapping/conversion_peers.cpp USES plugin catalogue LINK hansa_property)
add_executable(conversion-costs ${CMAKE_CURRENT_SOURCE_DIR}/conversion_costs.cpp)
target_link_libraries(conversion-costs PRIVATE hansa_flags hansa_mapping)
set_target_properties(conversion-costs PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
find_program(valgrind_program valgrind)
if(valgrind_program AND NOT HANSA_SANITIZE AND CMAKE_BUILD_TYPE STREQUAL "Release")
  add_test(NAME conversion-costs
    COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/conversion_costs.py $<TARGET_FILE:conversion-costs>)
  set_tests_properties(conversion-costs PROPERTIES LABELS differential TIMEOUT 300)
endif()
