//! Values of Helm charts: the image of a server beside its configuration, which [`super::any`] finds by its keys.

use crate::discover::Kind;
use crate::extract::tree::{Node, Scalar};
use crate::extract::{Draft, Found};

/// Keys whose maps are servers of one chart.
const SERVERS: &[&str] = &["primary", "readReplicas"];

/// Adds the major that the tag of the chart's image gives away, for each of its servers.
pub(super) fn read(root: &Node, found: &mut Found<'_>) {
    for (_, chart) in root.entries().filter(|(key, _)| key.is("postgresql")) {
        read(chart, found);
    }
    let Some(image) = root.get("image").filter(|_| SERVERS.iter().any(|key| root.get(key).is_some())) else { return };
    let is_server =
        image.known("repository").is_some_and(|name| name.ends_with("/postgresql") || name.ends_with("/postgres"));
    let Some(tag) = image.scalar("tag").filter(|_| is_server) else { return };
    let text = tag.text.text();
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits != 2 || !text.get(2).is_none_or(|byte| matches!(byte, b'.' | b'-')) {
        return;
    }
    let add = |found: &mut Found<'_>, tag: &Scalar| found.add(Kind::Major, Draft::of(&tag.text, 0..digits));
    for key in SERVERS {
        found.within(key, |found| add(found, tag));
    }
}
