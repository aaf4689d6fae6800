# The fast canonical form; tests/differential/canonical_test.cpp tries the same on every run.
hansa_fuzz_target(canonical FILES canonical_fuzz.cpp LINK hansa_xml LibXml2::LibXml2)
