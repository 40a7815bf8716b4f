/** The field, in what LiteLLM keeps of an entry, that names the file which it was made from. */
export const FILE_MARK = 'agents_llm_file';

/** The field of a key's metadata that names the process which it lives with. */
export const PROCESS_MARK = 'agents_llm_process';

/** The field of a model that names its further `litellm_params`: LiteLLM adds some of its own. */
export const PARAMS_MARK = 'agents_llm_params';
