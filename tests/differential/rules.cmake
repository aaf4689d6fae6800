# Numbered rules asked of tapes against those asked of pivot documents, for every format that has some.
hansa_test(test-rules-differential differential FILES ${CMAKE_CURRENT_SOURCE_DIR}/rules_test.cpp USES exchange catalogue LINK hansa_property TIMEOUT 1800)
