# Completion of agents-llm for bash 3.2 and newer: `agents-llm completion install`.
# Each line of the answer is a word, a tab and what it is; a line without a word asks for the names of files.
_agents_llm() {
  local rest="${COMP_LINE:0:COMP_POINT}" trimmed piece='' line value quoted before files=''
  local -a words values
  local -i i
  # Bash splits words at = and : as well; what stands together in the line is put together again.
  for ((i = 0; i <= COMP_CWORD; i++)); do
    trimmed="${rest#"${rest%%[![:space:]]*}"}"
    piece="${COMP_WORDS[i]}"
    [[ $i -eq $COMP_CWORD ]] && piece="$trimmed"
    if [[ $i -eq 0 || $trimmed != "$rest" ]]; then
      words+=("$piece")
    else
      words[${#words[@]} - 1]+="$piece"
    fi
    rest="${trimmed#"$piece"}"
  done
  [[ $piece == [=:] ]] && piece=''
  # Readline replaces the last piece alone.
  before="${words[${#words[@]} - 1]%"$piece"}"

  COMPREPLY=()
  while IFS= read -r line; do
    value="${line%%$'\t'*}"
    if [[ -n $value ]]; then values+=("${value#"$before"}"); else files=1; fi
  done < <("${1/#\~/$HOME}" __complete -- "${words[@]:1}" 2>/dev/null)

  if [[ -n $files ]]; then
    compopt -o filenames 2>/dev/null
    while IFS= read -r line; do values+=("$line"); done < <(compgen -f -- "$piece")
    COMPREPLY=("${values[@]}")
    return
  fi
  for value in "${values[@]}"; do
    printf -v quoted %q "$value"
    COMPREPLY+=("$quoted")
  done
}

complete -F _agents_llm agents-llm
