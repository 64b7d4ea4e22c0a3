//! Lines by grammar: mostly right, and in files of many defects often not.

use super::dice::Dice;

const TYPES: &[&str] = &["local", "host", "hostssl", "hostnossl", "hostgssenc", "hostnogssenc"];
const NAMES: &[&str] = &[
    "all",
    "app",
    "sameuser",
    "samerole",
    "samegroup",
    "replication",
    "a,b",
    "\"a b\"",
    "\"all\"",
    "app,replication",
    "+ops",
    "\"+ops\"",
    "/^app",
    "\"/^a,b\"",
    "\"/a(b)\"",
    "ALL",
    "\"\"",
    "a\"b c\"d",
    "x.y",
    "100%",
    "@",
    "\"@x\"",
];
const ODD_NAMES: &[&str] = &[
    "/(",
    "/[",
    "/a{",
    "/a{1,2}",
    "/*",
    "/\\",
    "/(?i)x",
    "/[[:foo:]]",
    "/a**",
    "/)",
    "/(?<=a)b",
    "/\\1",
    "/a{2}{3}",
    "@missing",
    ",",
    "a,,b",
    "/[b-a]",
    "/[[.x.]]",
    "/(?z)",
    "/***x",
    "/\\y",
    "/\\u00e9",
    "/a|*",
    "/+",
    "/(?:",
    "/a{256}",
    "/a{2,1}",
    "/\\xZ",
    "/[\u{e9}-z]",
    "/[a-\u{e9}]",
    "/\u{e9}{1,2}",
    "/[[:alpha:]-z]",
    "/a{99999}",
    "/[]a]",
    "/[^]",
    "/a|",
    "/()",
    "/^*",
    "/(|a)",
    "/x{,3}",
    "/{1}",
    "/\\d[\\d]",
    "/\\m\\M",
    "/[\\w-z]",
    "/\\c",
    "/\\x",
    "/(a)\\2",
    "/((a))\\2",
];
const ADDRESSES: &[&str] = &[
    "all",
    "samehost",
    "samenet",
    "10.0.0.0/8",
    "127.0.0.1/32",
    "::1/128",
    "fe80::/10",
    "0.0.0.0/0",
    "::/0",
    "10.0.0.0 255.0.0.0",
    "::1 ffff::",
    "example.com",
    ".example.com",
    "\"10.0.0.0/8\"",
    "10/8",
    "0x7f000001/32",
    "010.0.0.1/32",
];
const ODD_ADDRESSES: &[&str] = &[
    "10.0.0.0/33",
    "10.0.0.0/",
    "10.0.0.0/-1",
    "10.0.0.0/+8",
    "10.0.0.0/08",
    "10.0.0.0/8x",
    "10.0.0.0",
    "::1/129",
    "::1",
    "10.0.0.0 ::",
    "10.0.0.256/8",
    "example.com/8",
    "*",
    "ALL",
    "10.0.0.0/8 255.0.0.0",
    "1.2.3.4.5/8",
    "1.2.3.4 255.0.255.0",
    "[::1]/128",
    ":::/0",
    "1.2.3/24",
    "0x/8",
    "1::2::3/64",
    "::ffff:1.2.3.4/128",
    "::1.2.3/128",
    "10.0.0.0/8,::1/128",
    "4294967295/32",
    "4294967296/32",
    "10.0.0.0/ 8",
    "10.0.0.0 /8",
    "/8",
    "1.2.3.4/0x8",
    "1.2.3.4/99999999999999999999",
    "\"10.0.0.0 255.0.0.0\"",
    "1.2.3.4 example.com",
    "::1%1/128",
    "12345::/16",
    "1.2.3.4 255.255.255.255",
    "1.2.3.4 0xff000000",
    "-1/8",
    "0.0.0.08/32",
    "1.2.3.4\t255.0.0.0",
];
const METHODS: &[&str] = &[
    "trust",
    "reject",
    "password",
    "md5",
    "scram-sha-256",
    "ident",
    "peer",
    "cert",
    "radius",
    "oauth",
    "ldap",
    "gss",
    "pam",
];
const ODD_METHODS: &[&str] =
    &["TRUST", "krb5", "crypt", "sspi", "bsd", "trust,md5", "\"md5\"", "scram-sha-512", "ldaps", "", "\"\"", "scram"];
const OPTIONS: &[&str] = &[
    "map=m",
    "map=",
    "clientcert=1",
    "clientcert=0",
    "clientcert=verify-ca",
    "clientcert=verify-full",
    "clientcert=no-verify",
    "clientname=CN",
    "clientname=DN",
    "include_realm=0",
    "krb_realm=X",
    "pamservice=p",
    "pam_use_hostname=1",
    "ldapserver=h",
    "ldapport=389",
    "ldaptls=1",
    "ldapprefix=cn=",
    "ldapsuffix=,dc=x",
    "\"ldapsuffix=,dc=x\"",
    "ldapbasedn=\"dc=x,dc=y\"",
    "ldapbinddn=x",
    "ldapbindpasswd=x",
    "ldapsearchattribute=uid",
    "ldapsearchfilter=(uid=$username)",
    "ldapscheme=ldaps",
    "ldapurl=ldap://h/dc=x?uid?sub",
    "ldapurl=\"ldap://h:389/dc=x??sub?(a=b)\"",
    "ldapurl=ldaps://h/dc=x",
    "compat_realm=1",
    "upn_username=1",
    "radiusservers=127.0.0.1",
    "radiusservers=\"127.0.0.1,127.0.0.2\"",
    "radiussecrets=s",
    "radiussecrets=\"a,b\"",
    "radiusports=1812",
    "radiusports=\"1,2\"",
    "radiusidentifiers=x",
    "issuer=https://x",
    "scope=s",
    "validator=v1",
    "delegate_ident_mapping=1",
];
const ODD_OPTIONS: &[&str] = &[
    "map",
    "=x",
    "MAP=m",
    "clientcert=",
    "clientcert=2",
    "clientcert=Verify-CA",
    "clientname=cn",
    "clientname=",
    "ldapport=0",
    "ldapport=x",
    "ldapport=99999999999",
    "ldapurl=http://x",
    "ldapurl=ldap:",
    "ldapurl=ldap://h/dc=x?a,b",
    "radiusports=0",
    "radiusports=x",
    "radiusservers=\"\"",
    "radiusservers=\",\"",
    "radiussecrets=\"\"",
    "radiussecrets=\"a,b,c\"",
    "radiusidentifiers=\"a,b\"",
    "radiusserver=127.0.0.1",
    "radiussecret=x",
    "nope=1",
    "\"map=m\"",
    "\"map\"=m",
    "map =m",
    "map= m",
    "map==",
    "validator=v3",
    "radiusports=1812x",
    "radiussecrets=\"\"\"a\"\",b\"",
    "radiussecrets=\"\"\"a\"",
    "radiusports=\"1,\"",
    "ldapurl=",
    "include_realm=",
];

/// Methods of builds with everything, each with options of its own, the first of which it mostly needs.
const OF_FULL_BUILDS: &[(&str, &[&str])] = &[
    (
        "ldap",
        &[
            "ldapserver=h ldapprefix=cn=",
            "ldapserver=h ldapbasedn=dc=x",
            "ldapurl=ldap://h/dc=x?uid?sub",
            "ldapurl=\"ldap://h:389/dc=x??one?(a=b)\"",
            "ldapurl=ldaps://h",
            "ldapurl=ldap://h/dc=x?uid?tree",
            "ldapurl=ldap://[::1]/dc=x",
            "ldapurl=ldap://h:x/dc=x",
            "ldapurl=ldap://h/dc=x?uid,cn",
            "ldapurl=ldap://h/dc=x?uid??(a",
            "ldapsuffix=,dc=x",
            "\"ldapsuffix=,dc=x\"",
            "ldapsearchattribute=uid",
            "ldapsearchfilter=(uid=$username)",
            "ldapbinddn=x",
            "ldapbindpasswd=x",
            "ldaptls=1",
            "ldaptls=2",
            "ldapscheme=ldaps",
            "ldapscheme=http",
            "ldapport=0",
            "ldapport=636",
        ],
    ),
    ("gss", &["map=m", "include_realm=0", "include_realm=2", "krb_realm=X", "compat_realm=1", "upn_username=1"]),
    ("pam", &["pamservice=p", "pam_use_hostname=1", "pam_use_hostname=x", "map=m", "include_realm=1"]),
    ("sspi", &["compat_realm=0", "upn_username=1", "krb_realm=X"]),
];

fn name<'a>(dice: &mut Dice, odd: bool) -> &'a str {
    if odd && dice.once_in(6) { dice.pick(ODD_NAMES) } else { dice.pick(NAMES) }
}

/// A line of pg_hba.conf.
pub(super) fn hba(dice: &mut Dice, odd: bool, full: bool) -> String {
    let conn_type = dice.pick(TYPES);
    let mut fields = vec![conn_type, name(dice, odd), name(dice, odd)];
    let wrong = odd && dice.once_in(12);
    if (conn_type == "local") == wrong {
        fields.push(if odd && dice.once_in(3) { dice.pick(ODD_ADDRESSES) } else { dice.pick(ADDRESSES) });
    }
    if full && !dice.once_in(8) {
        let (method, options) = OF_FULL_BUILDS[dice.below(OF_FULL_BUILDS.len())];
        fields.push(method);
        fields.extend((!dice.once_in(4)).then(|| options[0]));
        (0..dice.below(4)).for_each(|_| fields.push(dice.pick(options)));
        return join(dice, &fields);
    }
    fields.push(if odd && dice.once_in(8) { dice.pick(ODD_METHODS) } else { dice.pick(METHODS) });
    // The two methods that need options get theirs, mostly.
    let needed: &[&str] = match fields.last() {
        Some(&"radius") => &["radiusservers=127.0.0.1", "radiussecrets=s"],
        Some(&"oauth") => &["issuer=https://x", "scope=s", "validator=v1"],
        Some(&"ldap") => &["ldapserver=h", "ldapprefix=cn="],
        _ => &[],
    };
    if !(odd && dice.once_in(4)) {
        fields.extend(needed);
    }
    while dice.once_in(3) {
        fields.push(if odd && dice.once_in(2) { dice.pick(ODD_OPTIONS) } else { dice.pick(OPTIONS) });
    }
    join(dice, &fields)
}

/// A line of pg_ident.conf.
pub(super) fn ident(dice: &mut Dice, odd: bool) -> String {
    const SYSTEM: &[&str] = &["joe", "\"joe doe\"", "/^(.*)@x$", "\"/^a,b$\"", "/(a)(b)", "/x", "joe@X", "\"/\"", "/"];
    const DATABASE: &[&str] = &["joe", "\\1", "x\\1y", "all", "+ops", "\"+ops\"", "/^x", "\"all\"", "\\2", "+", "/"];
    let map = dice.pick(&["map", "\"a b\"", "m1", "include", "include_dir", "\"\""]);
    let system = if odd && dice.once_in(4) { dice.pick(ODD_NAMES) } else { dice.pick(SYSTEM) };
    let database = if odd && dice.once_in(4) { dice.pick(ODD_NAMES) } else { dice.pick(DATABASE) };
    let mut fields = vec![map, system, database];
    if odd && dice.once_in(5) {
        fields.truncate(1 + dice.below(2));
    }
    if dice.once_in(8) {
        fields.push(dice.pick(&["extra", "a,b", "# c", "include x"]));
    }
    join(dice, &fields)
}

/// What may stand between a name and its value.
pub(super) const BETWEEN: &[&str] = &[" = ", "=", " ", "\t=\t", " =", "= "];

/// A line of postgresql.conf: a setting with a value that stands for it in the table of values, or for another.
pub(super) fn conf(dice: &mut Dice, settings: &[(String, String)]) -> String {
    let at = dice.below(settings.len());
    conf_of(dice, settings, at, 5)
}

/// A line that sets the setting at that place of the table; once in so many times with another one's value.
pub(super) fn conf_of(dice: &mut Dice, settings: &[(String, String)], at: usize, odd: usize) -> String {
    let Some((name, own)) = settings.get(at) else { return "work_mem = 4MB".to_owned() };
    // The table is sorted by setting: a near row has a value of a kind that may fit.
    let value = match dice.below(odd) {
        0 => settings.get(dice.below(settings.len())).map_or(own, |other| &other.1),
        1 => settings.get(at + dice.below(9)).map_or(own, |other| &other.1),
        _ => own,
    };
    let plain = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let value = if plain && dice.once_in(2) { value.clone() } else { format!("'{}'", value.replace('\'', "''")) };
    let name = if dice.once_in(15) { name.to_uppercase() } else { name.clone() };
    let between = dice.pick(BETWEEN);
    let after = dice.pick(&["", "", "", " # c", "#c", " ", "\t"]);
    format!("{name}{between}{value}{after}")
}

fn join(dice: &mut Dice, fields: &[&str]) -> String {
    let blank = dice.pick(&[" ", "  ", "\t", " \t "]);
    let mut line = fields.join(blank);
    if dice.once_in(10) {
        line.push_str(dice.pick(&[" # c", "#c", " ", " \\\n", ","]));
    }
    line
}
