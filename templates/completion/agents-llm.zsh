#compdef agents-llm
# Completion of agents-llm for zsh: `agents-llm completion install`.
# Each line of the answer is a word, a tab and what it is; a line without a word asks for the names of files.
_agents-llm() {
  local line value files=0
  local -a given described
  (( CURRENT > 2 )) && given=("${(@Q)words[2,CURRENT-1]}")
  given+=("${(Q)PREFIX}")
  for line in "${(@f)$("${(Q)words[1]/#\~/$HOME}" __complete -- "${given[@]}" 2>/dev/null)}"; do
    [[ -z $line ]] && continue
    value="${line%%$'\t'*}"
    if [[ -n $value ]]; then
      described+=("${value//:/\\:}:${line#*$'\t'}")
    else
      files=1
    fi
  done
  (( $#described )) && _describe -t agents-llm agents-llm described
  if (( files )); then
    [[ $PREFIX == -*=* ]] && compset -P '*='
    _files
  fi
}

if [[ ${funcstack[1]-} == _agents-llm ]]; then
  _agents-llm "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
  compdef _agents-llm agents-llm
fi
