# pleoscope for bash: eval "$(pleoscope completions bash)"
_pleoscope() {
    local before=${COMP_LINE:0:COMP_POINT} word cut= candidate about
    word=${before##*[[:space:]]}
    # Bash takes a word apart at these, and wants what is behind the last one.
    case $COMP_WORDBREAKS in
        *:*=* | *=*:*) cut=${word%"${word##*[:=]}"} ;;
        *:*) cut=${word%"${word##*:}"} ;;
        *=*) cut=${word%"${word##*=}"} ;;
    esac
    COMPREPLY=()
    while IFS=$'\t' read -r candidate about; do
        candidate=${candidate#"$cut"}
        # A space would end the word, unless a quotation mark stands before it.
        [[ $before == *[\"\']* ]] || candidate=${candidate// /\\ }
        COMPREPLY+=("$candidate")
    done < <("$1" complete -- "$before" 2>/dev/null)
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]]; then
        compopt -o nospace
    fi
}
complete -o default -F _pleoscope pleoscope
