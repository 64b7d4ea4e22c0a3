use super::*;

#[test]
fn lists_as_openssl_reads_them() {
    for (list, expected) in [
        ("HIGH:MEDIUM:+3DES:!aNULL", "HIGH"),
        ("HIGH:!aNULL:!kRSA", ""),
        ("!kRSA:HIGH", ""),
        ("HIGH:!aNULL:!aRSA", ""),
        ("HIGH:-RSA", ""),
        ("HIGH:-kRSA:AES", "AES"),
        ("AESGCM", "AESGCM"),
        ("ECDHE+AESGCM:ECDHE+CHACHA20", ""),
        ("EECDH:EDH", ""),
        ("EECDH+AESGCM:aRSA+HIGH", "aRSA+HIGH"),
        ("aRSA+ECDHE:ECDSA:SHA384:CHACHA20:SUITEB128", ""),
        ("ECDHE-RSA-AES256-GCM-SHA384:DHE-RSA-AES128-SHA", ""),
        ("ECDHE-RSA-AES128-SHA:AES128-SHA", "AES128-SHA"),
        ("ECDHE-RSA-AES128-SHA:AES128-SHA:!SHA", ""),
        ("AES256-SHA:!AES256", ""),
        ("PSK:SRP:RSA-PSK-AES128-CBC-SHA", ""),
        ("PROFILE=SYSTEM", ""),
        ("HIGH:@SECLEVEL=3", ""),
        ("HIGH:@SECLEVEL=2", "HIGH"),
        ("TLS_AES_256_GCM_SHA384", ""),
    ] {
        assert_eq!(without(list).unwrap_or_default(), expected, "{list}");
    }
}
