//! Every conformance case, played through the API by a company of its own.

use std::path::Path;

use player::{Place, cases, play_all};
use tests::system::{BOOTSTRAP_TOKEN, System};

#[actix_web::test]
async fn given_the_conformance_cases_when_companies_play_them_then_what_comes_out_is_what_is_expected() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = cases(&here.join("conformance"));
    // Cases that stand beside the repository, where there are any.
    let beside = cases(&here.join("../../shared/conformance"));
    let names: Vec<_> = files.iter().filter_map(|file| file.file_name().map(|name| name.to_owned())).collect();
    files
        .extend(beside.into_iter().filter(|file| file.file_name().is_none_or(|name| !names.iter().any(|n| n == name))));
    assert!(!files.is_empty());
    let count = files.len();

    let system = System::start().await;
    let place = Place::new(system.api(), BOOTSTRAP_TOKEN);
    let tally = play_all(&place, files, |_| {}).await;
    system.stop().await;

    assert_eq!((tally.passed, tally.failed), (count, Vec::<String>::new()));
}
