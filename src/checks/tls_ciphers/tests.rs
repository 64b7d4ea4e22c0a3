use super::*;

#[test]
fn lists() {
    for (list, expected) in [
        ("HIGH:MEDIUM:+3DES:!aNULL", ""),
        ("HIGH:!aNULL", ""),
        ("HIGH:!aNULL:!MD5:!3DES:!RC4", ""),
        ("DEFAULT:!LOW:!EXP:!MD5:@STRENGTH", ""),
        ("ECDHE+AESGCM:ECDHE+CHACHA20", ""),
        ("ECDHE-RSA-AES256-GCM-SHA384,ECDHE-ECDSA-AES128-SHA", ""),
        ("TLS_AES_256_GCM_SHA384", ""),
        ("HIGH", "has `HIGH` without `!aNULL`"),
        ("ALL:!ADH:!LOW:!EXP:!MD5", "has `ALL` without `!aNULL`"),
        ("HIGH:RC4:!aNULL", "has `RC4`"),
        ("HIGH:RC4:!aNULL:!RC4", ""),
        ("ECDHE-RSA-DES-CBC3-SHA", "has `ECDHE-RSA-DES-CBC3-SHA`"),
        ("NULL-SHA256", "has `NULL-SHA256`"),
        ("eNULL", "has `eNULL`"),
        ("EXP-RC4-MD5", "has `EXP-RC4-MD5`"),
        ("HIGH:!aNULL:@SECLEVEL=0", "has `@SECLEVEL=0`"),
    ] {
        let found = weakness(list).unwrap_or_default();
        assert!(found.starts_with(expected) && found.is_empty() == expected.is_empty(), "{list}: {found}");
    }
}
