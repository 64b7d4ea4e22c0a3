//! Where the thing under the cursor is decided: the definition that wins, the file that is meant, the rows of a map.

use lsp_types::{GotoDefinitionResponse, Location, Range};

use crate::load::Target;
use crate::lsp::place::Places;
use crate::lsp::spot::{self, Spot};
use crate::source::{FileId, Span};

/// A folder may have many files.
const MOST: usize = 100;

pub(super) fn definition(places: &Places<'_>, file: FileId, offset: usize) -> Option<GotoDefinitionResponse> {
    let (spot, _) = spot::at(places, file, offset)?;
    let cluster = &places.snapshot.input.cluster;
    let spans: Vec<Span> = match spot {
        Spot::File(Target::Files { files, .. }) => {
            let start = |file: &FileId| Some(Location { uri: places.uri(*file)?, range: Range::default() });
            return Some(GotoDefinitionResponse::Array(files.iter().take(MOST).filter_map(start).collect()));
        }
        Spot::Setting { name, node: Some(node), definition } => {
            // Of recovery.conf the last line counts, and nothing overrides it.
            let of_recovery =
                definition.is_some_and(|of| node.recovery.definitions.iter().any(|other| other.span == of.span));
            let winner = if of_recovery { node.recovery.winner(&name) } else { node.settings.winner(&name) };
            let files = match name.as_str() {
                "hba_file" => node.hba.as_ref().map(|hba| hba.file),
                "ident_file" => node.ident.as_ref().map(|ident| ident.file),
                _ => None,
            };
            let is_winner = winner.map(|winner| winner.span) == definition.map(|of| of.span);
            match files.filter(|_| is_winner) {
                Some(file) => vec![Span::new(file, 0, 0)],
                None => winner.map(|winner| winner.written).into_iter().collect(),
            }
        }
        Spot::Option(node, option) if option.info.name == "map" => {
            let rows = node.ident.iter().flat_map(|ident| &ident.rows).filter(|row| row.map == option.value);
            rows.map(|row| row.map_span).collect()
        }
        Spot::Publication(name) if !name.dynamic => {
            let publication = cluster.objects.publications.get(&name.text);
            publication.into_iter().flat_map(|publication| &publication.created).map(|(_, span)| *span).collect()
        }
        _ => Vec::new(),
    };
    let locations = spans.into_iter().take(MOST).filter_map(|span| {
        let span = places.snapshot.input.sources.to_host(span);
        places.location(span)
    });
    let locations = locations.collect::<Vec<_>>();
    (!locations.is_empty()).then_some(GotoDefinitionResponse::Array(locations))
}
