//! Where rankings placed those whose results are published: nobody is moved by what happens to others.

use std::collections::BTreeMap;

use platform::Result;

use super::rows::{Standing, piece_of};
use crate::engine::Scheme;
use crate::engine::computing::{Fault, Ground, Kept, placed};
use crate::subjects::subject::Kind;

/// The grounds of the runs in which results were computed.
pub type Grounds = BTreeMap<i32, Ground>;

/// Where everybody but some stands, and the cut-offs for these. `first` are the first versions of all who are published;
/// those of a later publication were ranked beside the ones before.
pub fn stand(
    scheme: &Scheme,
    grounds: &Grounds,
    first: &[Standing],
    but: &[(Kind, String)],
) -> Result<std::result::Result<Kept, Vec<Fault>>> {
    let mut numbers: Vec<i32> = first.iter().filter_map(|one| one.publication).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let mut kept = Kept::default();
    for number in numbers {
        let until: Vec<Standing> =
            first.iter().filter(|one| one.publication.is_some_and(|own| own <= number)).cloned().collect();
        let run = until.iter().filter(|one| one.publication == Some(number)).map(|one| one.run).max();
        let Some(ground) = run.and_then(|run| grounds.get(&run)) else { continue };
        let here = |(kind, id): &&(Kind, String)| until.iter().any(|one| one.kind == *kind && one.subject == *id);
        let but: Vec<(Kind, String)> = but.iter().filter(here).cloned().collect();
        match placed(scheme, ground, &piece_of(scheme, &until)?, &kept, &but)? {
            Ok(found) => {
                // The cut-offs are those of the publication in which somebody came.
                let known =
                    |kind: Kind, id: &str| kept.cut_offs.iter().any(|(of, known, _)| *of == kind && known == id);
                let fresh: Vec<_> = found.cut_offs.into_iter().filter(|(kind, id, _)| !known(*kind, id)).collect();
                kept.cut_offs.extend(fresh);
                kept.placings = found.placings;
            }
            Err(faults) => return Ok(Err(faults)),
        }
    }
    Ok(Ok(kept))
}

/// The first version of each, out of all versions in their order.
pub fn first_of(versions: &[Standing]) -> Vec<Standing> {
    let first = versions.iter().filter(|one| one.publication.is_some() && one.because.is_none());
    first.cloned().collect()
}
