//! What is typed and may not be read over a shoulder.

use pleoscope::app::event::Event;
use pleoscope::app::model::Model;
use pleoscope::app::update::update;
use pleoscope::key::Key;

use crate::{COLOUR, model, picture, press};

fn typed(model: &mut Model, text: &str) -> String {
    for c in text.chars() {
        update(model, Event::Key(Key::char(c)));
    }
    picture(model, 120, 40, COLOUR)
}

#[test]
fn what_lets_in_is_not_seen_while_a_curl_command_is_typed() {
    let mut model = model();
    press(&mut model, "Ctrl-n");
    let shown = typed(&mut model, "curl https://x.example -H 'Authorization: Bearer CNRY");
    assert!(shown.contains("Bearer ••••") && !shown.contains("CNRY"), "{shown}");
    let shown = typed(&mut model, "' -u CNRY -X POST");
    assert!(shown.contains("-u •••• -X POST") && !shown.contains("CNRY"), "{shown}");
    press(&mut model, "Esc Ctrl-n");
    let shown = typed(&mut model, "/v2/x?note=Bearer-CNRY");
    assert!(shown.contains("Bearer-CNRY"), "a path is shown as it is: {shown}");
}
