//! Containers, however a manifest lists them: the image, the command, the environment.

use super::{any, command};
use crate::extract::tree::{Node, Scalar};
use crate::extract::{Draft, Found, docker_image, image};
use crate::syntax::literal::Literal;

/// A container of a server, or of something else.
pub(super) struct Container {
    /// Whether its image is a server's.
    pub(super) is_server: bool,
    /// The files that its command line names.
    pub(super) files: command::Files,
}

/// Reads a container. `entrypoint` replaces that of the image; `words` follow it.
pub(super) fn read(
    image: Option<&Scalar>,
    entrypoint: Vec<Literal>,
    words: Vec<Literal>,
    found: &mut Found<'_>,
) -> Container {
    let server = image.and_then(|image| image::server(image.text.text()));
    if let Some(image) = image.filter(|_| server.is_some()) {
        image::major(&image.text, found);
    }
    let own = entrypoint.is_empty() && server.is_some_and(|server| server.takes_options);
    let words = entrypoint.into_iter().chain(words).collect::<Vec<_>>();
    let is_server = own || server.is_some() && words.first().is_some_and(command::is_entrypoint);
    Container { is_server: server.is_some(), files: command::read(&words, is_server, found) }
}

/// The variables of a container: a map, a list of `NAME=value`, or a list of maps with `name` and `value`.
pub(super) fn variables(node: &Node) -> Vec<(Vec<u8>, Literal)> {
    let mut variables = Vec::new();
    let mut add = |name: &[u8], value: &Literal| variables.push((name.to_vec(), any::references(value)));
    for (name, value) in node.entries() {
        if let (Some(name), Some(value)) = (name.known(), value.as_scalar()) {
            add(name.as_bytes(), &value.text);
        }
    }
    for item in node.items() {
        if let (Some(name), Some(value)) = (item.known("name"), item.scalar("value")) {
            add(name.as_bytes(), &value.text);
        } else if let Some(scalar) = item.as_scalar()
            && let Some(equals) = memchr::memchr(b'=', scalar.text.text())
        {
            let value = Draft::of(&scalar.text, equals + 1..scalar.text.text().len());
            add(&scalar.text.text()[..equals], &value);
        }
    }
    variables
}

/// Reads the environment of a server, whose access rows are `elsewhere` if it does not read those of the data directory:
/// the entrypoint writes there.
pub(super) fn environment(node: &Node, elsewhere: bool, found: &mut Found<'_>) {
    const ROWS: [&[u8]; 2] = [b"POSTGRES_HOST_AUTH_METHOD", b"POSTGRES_INITDB_ARGS"];
    let mut variables = variables(node);
    variables.retain(|(name, _)| !elsewhere || !ROWS.contains(&name.as_slice()));
    docker_image::container(&variables, found);
}

/// Reads the environment of a container that may be a client.
pub(super) fn client(node: &Node, found: &mut Found<'_>) {
    docker_image::client(&variables(node), found);
}

/// Whether it is a task definition of Amazon ECS.
pub(super) fn is_task_definition(root: &Node) -> bool {
    root.get("containerDefinitions").is_some_and(Node::is_list)
}

/// Reads a task definition of Amazon ECS.
pub(super) fn task_definition(root: &Node, found: &mut Found<'_>) {
    for container in root.get("containerDefinitions").into_iter().flat_map(Node::items) {
        found.within(&container.name("name").unwrap_or_default(), |found| {
            let words = |key: &str| container.get(key).map(command::of_node).unwrap_or_default();
            let said = read(container.scalar("image"), words("entryPoint"), words("command"), found);
            match container.get("environment") {
                Some(environment) if said.is_server => {
                    self::environment(environment, said.files.hba.is_some(), found);
                }
                Some(environment) => client(environment, found),
                None => {}
            }
        });
    }
    any::node(root, found);
}
