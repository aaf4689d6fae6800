# Reader and plan against the reference translation, and the mutants that every run tries with the same check.
add_library(hansa_plan_agreement STATIC plan_agreement.cpp tree_mutator.cpp)
target_link_libraries(hansa_plan_agreement PUBLIC hansa_flags hansa_exchange hansa_property hansa_reader_agreement)
hansa_test(test-plan-mutants differential FILES plan_mutants_test.cpp USES exchange catalogue
  LINK hansa_plan_agreement TIMEOUT 1800)
hansa_fuzz_target(plan FILES plan_fuzz.cpp LINK hansa_plan_agreement)
