//! All pages of both lists, for a comparison of the whole.

use crate::app::compare::answer::Answer;
use crate::app::event::{Effect, Following, Pause, Portion, Reply, Want, WorkId};
use crate::document::Document;
use crate::pleo::paging::MOST_PAGES;
use crate::pleo::prepared::Prepared;
use crate::worker::Line;

/// What follows the list of a side; behind the numbers of the first requests.
const fn work(side: usize) -> WorkId {
    WorkId(2 + side as u64)
}

/// Follows the lists that both answers begin, at the same time. A list that does not come whole is compared as far as it came,
/// and its answer counts as one that is missing.
pub(super) async fn follow(
    line: &mut Line,
    requests: &[Prepared; 2],
    sides: &mut [Answer; 2],
) -> Result<(), &'static str> {
    let gone = "the worker went away";
    let mut lists: [Option<Document>; 2] = [None, None];
    for side in 0..2 {
        let own = &sides[side];
        if own.is_success() && own.document.list().is_some() {
            let request = requests[side].clone();
            let following = Following { request, first: own.document.clone(), most: MOST_PAGES };
            for effect in [Effect::Follow(work(side), Box::new(following)), Effect::More(work(side), Want::All)] {
                line.effects.send(effect).await.map_err(|_| gone)?;
            }
            lists[side] = Some(Document::new());
        }
    }
    let mut waited = lists.iter().flatten().count();
    while waited > 0 {
        match line.replies.recv().await.ok_or(gone)? {
            Reply::Loaded(id, portion, piece, ..) => {
                if let Some(list) = (0..2).find(|side| work(*side) == id).and_then(|side| lists[side].as_mut()) {
                    match portion {
                        Portion::Here(bytes) => list.append(bytes, &piece),
                        Portion::Stored(own) => list.append_stored(&own.store, own.length, own.breaks, &piece),
                    }
                }
            }
            Reply::Paused(id, pause) => {
                if let Some(side) = (0..2).find(|side| work(*side) == id) {
                    waited -= usize::from(ended(&mut sides[side], &mut lists[side], pause));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// Takes the list into its answer when it does not go on; answers whether that is so.
fn ended(answer: &mut Answer, list: &mut Option<Document>, pause: Pause) -> bool {
    let sentence = match pause {
        // The first page is taken in; the others come.
        Pause::Asked => return false,
        Pause::Ended(piece) => {
            if let Some(mut list) = list.take() {
                list.finish(&piece);
                answer.document = list;
            }
            return true;
        }
        Pause::Gap(sentence, ..) | Pause::Stopped(sentence) => sentence,
    };
    if let Some(list) = list.take().filter(|list| !list.is_empty()) {
        let closing: &[u8] = if list.body().byte(0) == Some(b'[') { b"\n]" } else { b"\n]}" };
        let mut bytes = list.body().read(0..list.len()).into_owned();
        bytes.extend_from_slice(closing);
        answer.document = Document::from_bytes(bytes.into());
    }
    answer.failure = Some(format!("Not all pages came: {sentence}"));
    true
}
