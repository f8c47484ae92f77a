# pleoscope for PowerShell: pleoscope completions powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName pleoscope -ScriptBlock {
    param($word, $syntax, $cursor)
    $line = $syntax.ToString()
    if ($cursor -gt $line.Length) { $line += ' ' } else { $line = $line.Substring(0, $cursor) }
    pleoscope complete -- $line 2>$null | ForEach-Object {
        $value, $about = $_ -split "`t", 2
        if (-not $about) { $about = $value }
        [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $about)
    }
}
