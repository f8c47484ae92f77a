#compdef pleoscope
# pleoscope for zsh: eval "$(pleoscope completions zsh)", or as _pleoscope in a folder of $fpath.
_pleoscope() {
    local line candidate
    local -a candidates shown unfinished shown_unfinished
    while IFS= read -r line; do
        candidate=${line%%$'\t'*}
        if [[ $candidate == *= ]]; then
            unfinished+=("$candidate")
            shown_unfinished+=("$candidate  ${line#*$'\t'}")
        else
            candidates+=("$candidate")
            shown+=("$candidate  ${line#*$'\t'}")
        fi
    done < <(${words[1]} complete -- "${(j: :)words[1,CURRENT]}" 2>/dev/null)
    if (( ${#candidates} + ${#unfinished} == 0 )); then
        _files
        return
    fi
    (( ${#candidates} )) && compadd -l -d shown -a candidates
    (( ${#unfinished} )) && compadd -l -S '' -d shown_unfinished -a unfinished
}
if [[ ${funcstack[1]} == _pleoscope ]]; then
    _pleoscope "$@"
else
    compdef _pleoscope pleoscope
fi
