# Messages that are translated document by document against the same messages as a whole.
hansa_test(test-stream-differential differential FILES ${CMAKE_CURRENT_SOURCE_DIR}/stream_test.cpp USES exchange catalogue LINK hansa_property TIMEOUT 1800)
