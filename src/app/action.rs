//! Everything a person can ask for, each with its title and one line of explanation.

use super::model::Pane;

/// Something a person asks for with a key, the mouse or the palette.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Go to a pane.
    Focus(Pane),
    /// Go to the next pane.
    NextPane,
    /// Go to the previous pane.
    PreviousPane,
    /// Switch between staging and production.
    SwitchEnvironment,
    /// One row up.
    Up,
    /// One row down.
    Down,
    /// One screen up.
    PageUp,
    /// One screen down.
    PageDown,
    /// To the first row.
    First,
    /// To the last row.
    Last,
    /// Sideways to the left, or fold.
    Left,
    /// Sideways to the right, or unfold.
    Right,
    /// Choose what the cursor is on.
    Choose,
    /// Fold or unfold.
    ToggleFold,
    /// Fold every container but the outermost.
    FoldAll,
    /// Unfold everything.
    UnfoldAll,
    /// To the next sibling.
    NextSibling,
    /// To the previous sibling.
    PreviousSibling,
    /// Send the request.
    Send,
    /// Cancel what is in flight.
    Cancel,
    /// Back one level.
    Back,
    /// Filter a list or search the response.
    Search,
    /// Next hit.
    NextHit,
    /// Previous hit.
    PreviousHit,
    /// Next view of the response.
    NextView,
    /// Type a free request.
    FreeRequest,
    /// Empty the field or remove the credential under the cursor.
    Clear,
    /// Put the request back to its template.
    Reset,
    /// Bring back what was cleared, reset or typed over.
    Undo,
    /// Do again what was undone.
    Redo,
    /// Add another value to a parameter.
    AddValue,
    /// Take the last value of a parameter away.
    DropValue,
    /// Add a header or a query parameter of one's own.
    AddHeader,
    /// Edit in a person's own editor.
    EditOutside,
    /// Zoom the focused pane.
    Zoom,
    /// Give the mouse back to the terminal, or take it again.
    ToggleMouse,
    /// Open the palette.
    Palette,
    /// Open the help.
    Help,
    /// Ask who the credential in force is.
    WhoAmI,
    /// Log in with OAuth.
    LogIn,
    /// Unlock writes in production, or lock them again.
    Unlock,
    /// Keep the credential under the cursor in the keyring.
    Keep,
    /// Pick a company for the request.
    PickCompany,
    /// Prepare the request that a redirect or a link leads to.
    Follow,
    /// Give the address of the login to the clipboard.
    Copy,
    /// To the container around.
    Parent,
    /// Fold one level more.
    FoldMore,
    /// Fold one level less.
    FoldLess,
    /// Filter the response with jq.
    Filter,
    /// Go to a row, a share or a path.
    Goto,
    /// To the place where the body stops being JSON.
    GoToError,
    /// Write the path in another form.
    PathForm,
    /// Wrap long lines of the raw view, or cut them.
    Wrap,
    /// Search for a pattern or a literal.
    Pattern,
    /// Copy something of the response.
    CopyMenu,
    /// Save the response.
    SaveMenu,
    /// List where the answer differs from the catalogue.
    Differing,
    /// Sort by the column under the cursor.
    SortColumn,
    /// Sort by it beside the others.
    SortAlso,
    /// Make the column wider.
    Wider,
    /// Make the column narrower.
    Narrower,
    /// Move the column to the left.
    ColumnLeft,
    /// Move the column to the right.
    ColumnRight,
    /// Hide the column.
    HideColumn,
    /// Count the values of the column.
    CountValues,
    /// Choose the columns that are shown.
    Columns,
    /// Mask personal data, or show it again.
    Mask,
    /// Show times in UTC or in the zone of this machine.
    LocalTimes,
    /// Load all pages.
    LoadAll,
    /// Load the next page, or the one that is missing.
    LoadPage,
    /// Show everything that a record leads to.
    Leads,
    /// Back to the answer that one came from.
    Return,
    /// Open the history.
    History,
    /// Take a request of the history to Request.
    Recall,
    /// Pin an exchange, or not any more.
    Pin,
    /// Give an exchange a name.
    Rename,
    /// Show exchanges of this environment or of all.
    Everywhere,
    /// Clear the history.
    ClearHistory,
    /// Save the request under a name.
    SaveRequest,
    /// List saved requests.
    SavedRequests,
    /// Compare the answer with the other environment's, or an earlier one.
    Compare,
    /// Compare fields and types alone.
    ShapeOnly,
    /// Choose the key by which records are aligned.
    AlignBy,
    /// Compare volatile members too, or leave them out.
    Volatile,
    /// Choose the next theme.
    Theme,
    /// Suspend to the shell.
    Suspend,
    /// Leave.
    Quit,
}

impl Action {
    /// Whether it means the same wherever one is.
    #[must_use]
    pub const fn is_general(self) -> bool {
        matches!(
            self,
            Self::Quit
                | Self::Suspend
                | Self::SwitchEnvironment
                | Self::Help
                | Self::Palette
                | Self::Mask
                | Self::ToggleMouse
        )
    }

    /// Every action, in the order of help, palette and README.
    pub const ALL: [Self; 91] = [
        Self::Focus(Pane::Environment),
        Self::Focus(Pane::Credential),
        Self::Focus(Pane::Endpoints),
        Self::Focus(Pane::Request),
        Self::Focus(Pane::Response),
        Self::NextPane,
        Self::PreviousPane,
        Self::SwitchEnvironment,
        Self::Down,
        Self::Up,
        Self::PageDown,
        Self::PageUp,
        Self::First,
        Self::Last,
        Self::Left,
        Self::Right,
        Self::Choose,
        Self::Send,
        Self::Cancel,
        Self::Back,
        Self::Search,
        Self::NextHit,
        Self::PreviousHit,
        Self::NextView,
        Self::ToggleFold,
        Self::FoldAll,
        Self::UnfoldAll,
        Self::NextSibling,
        Self::PreviousSibling,
        Self::Parent,
        Self::FoldMore,
        Self::FoldLess,
        Self::Filter,
        Self::Goto,
        Self::GoToError,
        Self::PathForm,
        Self::Wrap,
        Self::Pattern,
        Self::CopyMenu,
        Self::SaveMenu,
        Self::LoadAll,
        Self::LoadPage,
        Self::Leads,
        Self::Return,
        Self::Differing,
        Self::SortColumn,
        Self::SortAlso,
        Self::Columns,
        Self::CountValues,
        Self::HideColumn,
        Self::ColumnLeft,
        Self::ColumnRight,
        Self::Wider,
        Self::Narrower,
        Self::LocalTimes,
        Self::Mask,
        Self::Compare,
        Self::ShapeOnly,
        Self::AlignBy,
        Self::Volatile,
        Self::History,
        Self::Recall,
        Self::Pin,
        Self::Rename,
        Self::Everywhere,
        Self::ClearHistory,
        Self::SavedRequests,
        Self::SaveRequest,
        Self::FreeRequest,
        Self::Clear,
        Self::Reset,
        Self::Undo,
        Self::Redo,
        Self::EditOutside,
        Self::AddValue,
        Self::DropValue,
        Self::AddHeader,
        Self::PickCompany,
        Self::WhoAmI,
        Self::LogIn,
        Self::Keep,
        Self::Unlock,
        Self::Follow,
        Self::Copy,
        Self::Zoom,
        Self::ToggleMouse,
        Self::Theme,
        Self::Palette,
        Self::Help,
        Self::Suspend,
        Self::Quit,
    ];

    /// The name by which the configuration speaks of it: that of the variant, as `switch_environment` or
    /// `focus_request`. Who renames a variant renames it for people.
    #[must_use]
    pub fn name(self) -> String {
        super::naming::snake(&format!("{self:?}"))
    }

    /// A short title, for palette and help.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Focus(Pane::Environment) => "Go to Environment",
            Self::Focus(Pane::Credential) => "Go to Credential",
            Self::Focus(Pane::Endpoints) => "Go to Endpoints",
            Self::Focus(Pane::Request) => "Go to Request",
            Self::Focus(Pane::Response) => "Go to Response",
            Self::NextPane => "Next pane",
            Self::PreviousPane => "Previous pane",
            Self::SwitchEnvironment => "Switch environment",
            Self::Up => "Up",
            Self::Down => "Down",
            Self::PageUp => "Page up",
            Self::PageDown => "Page down",
            Self::First => "First row",
            Self::Last => "Last row",
            Self::Left => "Left or fold",
            Self::Right => "Right or unfold",
            Self::Choose => "Choose or edit",
            Self::ToggleFold => "Fold or unfold",
            Self::FoldAll => "Fold all",
            Self::UnfoldAll => "Unfold all",
            Self::NextSibling => "Next sibling",
            Self::PreviousSibling => "Previous sibling",
            Self::Send => "Send the request",
            Self::Cancel => "Cancel the request",
            Self::Back => "Back one level",
            Self::Search => "Filter or search",
            Self::NextHit => "Next hit",
            Self::PreviousHit => "Previous hit",
            Self::NextView => "Next view",
            Self::FreeRequest => "Type a free request",
            Self::Clear => "Clear or remove",
            Self::Reset => "Reset the request",
            Self::Undo => "Undo",
            Self::Redo => "Redo",
            Self::EditOutside => "Edit in your editor",
            Self::AddValue => "Add a value",
            Self::DropValue => "Drop a value",
            Self::AddHeader => "Add a header or parameter",
            Self::Zoom => "Zoom the pane",
            Self::ToggleMouse => "Mouse on or off",
            Self::Palette => "Command palette",
            Self::Help => "Help",
            Self::WhoAmI => "Who am I",
            Self::LogIn => "Log in with OAuth",
            Self::Unlock => "Unlock writes",
            Self::Keep => "Keep in the keyring",
            Self::PickCompany => "Pick a company",
            Self::Follow => "Follow the link",
            Self::Copy => "Copy the address",
            Self::Parent => "Parent",
            Self::FoldMore => "Fold one level more",
            Self::FoldLess => "Fold one level less",
            Self::Filter => "Filter with jq",
            Self::Goto => "Go to",
            Self::GoToError => "Go to the error",
            Self::PathForm => "Form of the path",
            Self::Wrap => "Wrap lines",
            Self::Pattern => "Search for a pattern",
            Self::CopyMenu => "Copy",
            Self::SaveMenu => "Save",
            Self::LoadAll => "Load all pages",
            Self::LoadPage => "Load the next page",
            Self::Leads => "Where it leads",
            Self::Return => "Back to where one came from",
            Self::Differing => "Differences from the catalogue",
            Self::SortColumn => "Sort by this column",
            Self::SortAlso => "Sort by this column too",
            Self::Wider => "Wider column",
            Self::Narrower => "Narrower column",
            Self::ColumnLeft => "Column to the left",
            Self::ColumnRight => "Column to the right",
            Self::HideColumn => "Hide this column",
            Self::CountValues => "Count the values",
            Self::Columns => "Choose columns",
            Self::Mask => "Mask personal data",
            Self::LocalTimes => "Local times or UTC",
            Self::History => "History",
            Self::Recall => "Edit an exchange of the history",
            Self::Pin => "Pin an exchange",
            Self::Rename => "Name an exchange",
            Self::Everywhere => "All environments or this one",
            Self::ClearHistory => "Clear the history",
            Self::SaveRequest => "Save the request",
            Self::SavedRequests => "Saved requests",
            Self::Compare => "Compare",
            Self::ShapeOnly => "Compare shapes only",
            Self::AlignBy => "Align records by",
            Self::Volatile => "Volatile members on or off",
            Self::Theme => "Next theme",
            Self::Suspend => "Suspend",
            Self::Quit => "Quit",
        }
    }

    /// One line that says what it does.
    #[must_use]
    pub const fn doc(self) -> &'static str {
        match self {
            Self::Focus(Pane::Environment) => "go to the environments",
            Self::Focus(Pane::Credential) => "go to the credentials",
            Self::Focus(Pane::Endpoints) => "go to the endpoints",
            Self::Focus(Pane::Request) => "go to the request",
            Self::Focus(Pane::Response) => "go to the response",
            Self::NextPane => "go to the next pane",
            Self::PreviousPane => "go to the previous pane",
            Self::SwitchEnvironment => "switch between staging and production; nothing is sent by it",
            Self::Up => "one row up",
            Self::Down => "one row down",
            Self::PageUp => "one screen up",
            Self::PageDown => "one screen down",
            Self::First => "to the first row",
            Self::Last => "to the last row",
            Self::Left => "fold, go to the parent, or move sideways",
            Self::Right => "unfold, or move sideways",
            Self::Choose => "choose an environment, credential or endpoint; edit a field; fold a container",
            Self::ToggleFold => "fold or unfold what the cursor is on",
            Self::FoldAll => "fold everything below the outermost level",
            Self::UnfoldAll => "unfold everything",
            Self::NextSibling => "to the next value of the same container",
            Self::PreviousSibling => "to the previous value of the same container",
            Self::Send => "send the request as shown in Request",
            Self::Cancel => "cancel what is in flight, or the search, filter or save that goes on",
            Self::Back => "close, stop editing, end the filter; never quits",
            Self::Search => "filter the endpoints, or search the response",
            Self::NextHit => "to the next hit of the search",
            Self::PreviousHit => "to the previous hit of the search",
            Self::NextView => "next view: table, tree, raw, headers, timing, bytes",
            Self::FreeRequest => "type a method and a path of your own",
            Self::Clear => "empty the field, or forget the credential",
            Self::Reset => "go back to the template of the operation; u undoes it",
            Self::Undo => "bring back what was cleared, reset or typed over",
            Self::Redo => "do again what was undone",
            Self::EditOutside => "edit the body or this value in $VISUAL or $EDITOR",
            Self::AddValue => "add another value to the parameter",
            Self::DropValue => "take the last value away, and what goes beside it",
            Self::AddHeader => "add a header, Name: value, or a parameter, name=value",
            Self::Zoom => "give the focused pane the whole screen, and back",
            Self::ToggleMouse => "give text selection back to the terminal, or take the mouse again",
            Self::Palette => "every action, by name",
            Self::Help => "the keys that work where you are",
            Self::WhoAmI => "ask the server who the credential in force is, and what it may do",
            Self::LogIn => "log in to the environment in force with OAuth, or give consent anew",
            Self::Unlock => "unlock writes in production for five minutes, or lock them again",
            Self::Keep => "keep the credential in the keyring of your system",
            Self::PickCompany => "fill a company in, spelled as this operation wants it",
            Self::Follow => "prepare the request that a redirect or link leads to; not sent yet",
            Self::Copy => "give the address of a login to the clipboard",
            Self::Parent => "to the container around the cursor",
            Self::FoldMore => "fold one level more of the whole document",
            Self::FoldLess => "unfold one level of the whole document",
            Self::Filter => "filter the response with a jq expression",
            Self::Goto => "go to a row, a percentage or a path",
            Self::GoToError => "to the place where the body stops being JSON",
            Self::PathForm => "write the path as jq, JSON pointer or with dots",
            Self::Wrap => "wrap the lines of the raw view, or cut them",
            Self::Pattern => "search for a regular expression, or for what is typed",
            Self::CopyMenu => "copy value, path, row, body or URL; curl and other forms",
            Self::LoadAll => "load all pages of the list; where one is missing, that one again and those behind it",
            Self::LoadPage => "load the next page, or the missing one again",
            Self::Leads => "everything that the record leads to: what its ids name, and what can be asked about it",
            Self::Return => "back to the answer and the row that one came from",
            Self::SortColumn => "sort by the column under the cursor: smallest first, largest first, as sent",
            Self::SortAlso => "sort by this column beside the others",
            Self::Wider => "make the column wider",
            Self::Narrower => "make the column narrower",
            Self::ColumnLeft => "move the column to the left",
            Self::ColumnRight => "move the column to the right",
            Self::HideColumn => "hide the column",
            Self::CountValues => "count the values of the column in the rows shown; Enter filters by one",
            Self::Columns => "choose and order the columns of the table",
            Self::Mask => {
                "mask names, e-mails, phones and account numbers everywhere on the screen, or show them again"
            }
            Self::LocalTimes => "show times in UTC or in the zone of this machine",
            Self::SaveMenu => "save body or part; the exchange as HAR or bug report",
            Self::Differing => "list where the answer differs from the catalogue",
            Self::History => "what was sent in this and earlier runs: open, send again, compare",
            Self::Recall => "in the history: take the request to Request, to edit and send it",
            Self::Pin => "in the history: keep this exchange whatever its age, or not any more",
            Self::Rename => "in the history: give this exchange a name",
            Self::Everywhere => "in the history: show all environments, or the one in force",
            Self::ClearHistory => "in the history: remove everything that is listed without a search and is not pinned",
            Self::SaveRequest => "save the request under a name, its variables as they are; without any credential",
            Self::SavedRequests => "requests that were saved under a name: open, rename, edit, remove",
            Self::Compare => "compare with what the other environment answers, or with an earlier answer",
            Self::ShapeOnly => "in a comparison: fields and types alone, without any value; and back",
            Self::AlignBy => "in a comparison: choose the member by which records are aligned",
            Self::Volatile => "in a comparison: compare volatile members too, or leave them out",
            Self::Theme => "choose the next theme: by the background, dark, light, high contrast, 16 colours, none",
            Self::Suspend => "stop and return to the shell; fg comes back",
            Self::Quit => "leave pleoscope; what is in flight is cancelled",
        }
    }
}
