# pleoscope for elvish: eval (pleoscope completions elvish | slurp)
use str
set edit:completion:arg-completer[pleoscope] = {|@words|
    pleoscope complete -- (str:join ' ' $words) 2>/dev/null | from-lines | each {|line|
        var parts = [(str:split "\t" $line)]
        edit:complex-candidate $parts[0] &display=$parts[0]'  '$parts[1]
    }
}
