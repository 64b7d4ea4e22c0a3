//! Pipelines: the scripts of jobs in GitHub Actions, GitLab CI and their like, and the scripts of package.json.

use std::collections::BTreeSet;

use super::any;
use crate::extract::Found;
use crate::extract::tree::Node;

/// Keys of lists of commands.
const SCRIPTS: &[&str] = &["script", "before_script", "after_script"];

pub(super) fn read(root: &Node, found: &mut Found<'_>) {
    let name = found.host.file_name().unwrap_or_default();
    if name == "package.json" {
        let scripts = root.get("scripts").into_iter().flat_map(Node::entries);
        scripts.filter_map(|(_, script)| script.as_scalar()).for_each(|script| any::shell(script, found));
        return;
    }
    // GitHub and Gitea: jobs of steps; composite actions: steps.
    let jobs = root.get("jobs").into_iter().flat_map(Node::entries).map(|(_, job)| job);
    for steps in jobs.chain(root.get("runs")).filter_map(|job| job.get("steps")) {
        steps.items().for_each(|step| self::step(step, found));
    }
    // GitLab: jobs at the top.
    if root.get("stages").is_some() || name.contains("gitlab-ci") {
        script(root, found);
        root.entries().filter(|(_, job)| job.is_map()).for_each(|(_, job)| script(job, found));
    }
}

/// The names of the servers that run beside the jobs, which are reached on a network of their own.
pub(super) fn services(root: &Node) -> BTreeSet<Vec<u8>> {
    let jobs = root.get("jobs").into_iter().chain([root]).flat_map(Node::entries).map(|(_, job)| job);
    let mut names = BTreeSet::new();
    for services in jobs.chain([root]).filter_map(|job| job.get("services")) {
        names.extend(services.entries().map(|(name, _)| name.text.text().to_vec()));
        for service in services.items() {
            if let Some(image) = service.as_scalar().or_else(|| service.scalar("name")) {
                names.extend(of_image(image.text.text()));
            }
            let aliases = service.scalar("alias").map(|alias| alias.text.text()).unwrap_or_default();
            names.extend(aliases.split(|byte| matches!(byte, b' ' | b',')).map(<[u8]>::to_vec));
        }
    }
    names
}

/// The names that GitLab gives to a service by its image (its documentation, "Accessing the services").
fn of_image(image: &[u8]) -> [Vec<u8>; 2] {
    let tag = memchr::memrchr(b'/', image).unwrap_or(0);
    let end = image[tag..].iter().position(|byte| matches!(byte, b':' | b'@')).map_or(image.len(), |end| tag + end);
    let parts = image[..end].split(|&byte| byte == b'/').collect::<Vec<_>>();
    [parts.join(&b"__"[..]), parts.join(&b"-"[..])]
}

fn step(step: &Node, found: &mut Found<'_>) {
    let posix = step.known("shell").is_none_or(|shell| shell.starts_with("bash") || shell.starts_with("sh"));
    if let Some(run) = step.scalar("run").filter(|_| posix) {
        any::shell(run, found);
    }
    // CircleCI has a map there.
    if let Some(command) = step.get("run").and_then(|run| run.scalar("command")) {
        any::shell(command, found);
    }
}

/// The scripts of a job: texts, or lists of texts and of lists that it takes from others.
fn script(job: &Node, found: &mut Found<'_>) {
    for key in SCRIPTS {
        let Some(script) = job.get(key) else { continue };
        if let Some(text) = script.as_scalar() {
            any::shell(text, found);
        }
        for item in script.items() {
            match item.as_scalar() {
                Some(text) => any::shell(text, found),
                None => item.scalars().for_each(|text| any::shell(text, found)),
            }
        }
    }
}
