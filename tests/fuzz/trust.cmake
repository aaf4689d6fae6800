# core/trust: any bytes, and edits of messages that are really signed, by the fast way and by the reference;
# tests/differential tries the same on every run.
hansa_fuzz_target(signature-verify FILES signature_verify_fuzz.cpp LINK hansa_trust)
hansa_fuzz_target(fast-verify FILES fast_verify_fuzz.cpp LINK hansa_trust)
hansa_fuzz_target(fast-sign FILES fast_sign_fuzz.cpp LINK hansa_trust LibXml2::LibXml2)
