# core/xml, and the mutants that every run tries with the same check.
set(agreement ${CMAKE_CURRENT_SOURCE_DIR}/xml_agreement.cpp ${CMAKE_SOURCE_DIR}/tests/support/libxml2.cpp)
hansa_test(test-xml-mutants differential FILES xml_mutants_test.cpp ${agreement} USES xml LINK LibXml2::LibXml2)
hansa_fuzz_target(xml-scanner FILES xml_scanner_fuzz.cpp ${agreement} LINK hansa_xml LibXml2::LibXml2)
# The fast scanner against the reference, token by token.
hansa_fuzz_target(xml-fast-scanner FILES xml_fast_scanner_fuzz.cpp ${CMAKE_SOURCE_DIR}/tests/support/scanner_pair.cpp
  LINK hansa_xml)
# Elements cut out of a document; the seeds are tried on every run.
hansa_fuzz_target(element-slice FILES element_slice_fuzz.cpp LINK hansa_xml)
