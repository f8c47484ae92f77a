# pleoscope for fish: pleoscope completions fish | source
function __pleoscope_complete
    pleoscope complete -- (commandline -cp) 2>/dev/null
end
complete -c pleoscope -f -a '(__pleoscope_complete)'
for flag in body log import cacert
    complete -c pleoscope -l $flag -r -F
end
