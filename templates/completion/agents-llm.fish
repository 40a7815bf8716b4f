# Completion of agents-llm for fish: `agents-llm completion install`.
# Each line of the answer is a word, a tab and what it is; a line without a word asks for the names of files.
function __agents_llm_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in ($words[1] __complete -- $words[2..] "$current" 2>/dev/null)
        if string match -q \t'*' -- $line
            __fish_complete_path (string replace -r '^-.*?=' '' -- "$current")
        else
            echo $line
        end
    end
end

complete -c agents-llm -f -a '(__agents_llm_complete)'
