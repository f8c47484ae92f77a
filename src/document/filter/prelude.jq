# Nothing of the process is shown, and nothing is said beside the results.
def env: {};
def input_filename: null;
def halt_error:             error;
def halt_error($exit_code): error;
def debug:       .;
def debug(msgs): .;
def stderr:      .;

def toarray: if isarray then . else [.] end;
def IN(s):      any(s == .; .);
def IN(src; s): any(src == s; .);
def INDEX(stream; f): reduce stream as $row ({}; .[$row | f | tostring] = $row);
def INDEX(f): INDEX(.[]; f);

def @csv:
  def cell:
    if isstring then "\"" + (. / "\"" | join("\"\"")) + "\""
    elif . == null then ""
    elif . >= [] then error("an array or object does not fit into a cell of @csv")
    else tostring end;
  if isarray then map(cell) | join(",") else error("@csv makes a row from an array") end;
def @tsv:
  def escape($from; $to): . / $from | join($to);
  def cell:
    if isstring then escape("\\"; "\\\\") | escape("\t"; "\\t") | escape("\n"; "\\n") | escape("\r"; "\\r")
    elif . == null then ""
    elif . >= [] then error("an array or object does not fit into a cell of @tsv")
    else tostring end;
  if isarray then map(cell) | join("\t") else error("@tsv makes a row from an array") end;
