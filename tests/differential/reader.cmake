# The compiled reader against Xerces-C's verdict and the tree reader.
add_library(hansa_reader_agreement STATIC ${CMAKE_CURRENT_LIST_DIR}/reader_agreement.cpp ${CMAKE_CURRENT_LIST_DIR}/respell.cpp)
target_link_libraries(hansa_reader_agreement PUBLIC hansa_flags hansa_schema)
hansa_test(test-reader-differential differential FILES ${CMAKE_CURRENT_LIST_DIR}/reader_test.cpp
  USES plugin catalogue LINK hansa_reader_agreement TIMEOUT 1800)
