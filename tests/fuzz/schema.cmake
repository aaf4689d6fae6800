# The compiled reader.
hansa_fuzz_target(schema-reader FILES schema_reader_fuzz.cpp LINK hansa_reader_agreement)
