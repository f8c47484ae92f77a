//! A person's own keys in the explorer.

use pleoscope::app::keymap::{Keymap, Own};

use super::*;

fn with(rows: &[(&str, &[&str])]) -> Model {
    let own = |(action, keys): &(&str, &[&str])| Own {
        context: None,
        action: (*action).to_owned(),
        keys: keys.iter().map(|key| ((*key).to_owned(), 0)).collect(),
        at: 0,
    };
    let rows: Vec<Own> = rows.iter().map(own).collect();
    let (keymap, wrong) = Keymap::with(&rows);
    assert_eq!(wrong, []);
    let mut model = model();
    model.keymap = keymap;
    model
}

#[test]
fn own_keys_act_and_are_the_ones_that_footer_help_and_palette_tell() {
    let mut model = with(&[("send", &["F5"]), ("zoom", &["Z"]), ("help", &["F1"])]);
    press(&mut model, "Enter");
    assert!(sent(&press(&mut model, "s")).is_empty());
    assert!(available::hints(&model).iter().any(|(key, word)| key.to_string() == "F5" && *word == "send"));
    assert_eq!(sent(&press(&mut model, "F5")).len(), 1);
    press(&mut model, "z");
    assert!(!model.zoom);
    press(&mut model, "Z");
    assert!(model.zoom);
    let told = format!("{:?}", pleoscope::app::help::rows(&model));
    assert!(told.contains("\"F5\"") && told.contains("\"F1\"") && !told.contains("Keys(\"s\""), "{told}");
    press(&mut model, "F1");
    assert!(matches!(model.overlay, Some(Overlay::Help(_))));
}

#[test]
fn a_letter_in_a_field_is_a_letter_and_a_word_is_still_typed_to_unlock() {
    let mut model = with(&[("unlock", &["B"]), ("palette", &["Q"]), ("quit", &[])]);
    press(&mut model, "/ Q");
    assert_eq!(model.endpoints.filter.text(), "Q");
    press(&mut model, "Esc Ctrl-t B");
    assert!(matches!(model.overlay, Some(Overlay::Unlock(_))));
    press(&mut model, "Enter Enter B B");
    assert!(model.guard.remaining(model.now).is_none(), "the word alone unlocks");
    assert_eq!(press(&mut model, "Ctrl-c"), [Effect::Quit]);
}
