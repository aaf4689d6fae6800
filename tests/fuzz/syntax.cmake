# What is not XML: nothing crashes, what is read is written and read again as the same.
hansa_fuzz_target(syntax-edifact FILES syntax_edifact_fuzz.cpp LINK hansa_syntax)
hansa_fuzz_target(syntax-flat FILES syntax_flat_fuzz.cpp LINK hansa_syntax)
hansa_fuzz_target(syntax-json FILES syntax_json_fuzz.cpp LINK hansa_syntax)
