# Plans against the reference translation of every pair of formats.
hansa_test(test-plan-differential differential FILES ${CMAKE_CURRENT_SOURCE_DIR}/plan_test.cpp USES exchange catalogue LINK hansa_property TIMEOUT 1800)
