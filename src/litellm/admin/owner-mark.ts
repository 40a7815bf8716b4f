/** The field of an entry that names the file from which it was created. */
export const FILE_MARK = 'agents_llm_file';

/** The field of a key's metadata that names the process for which it was created. */
export const PROCESS_MARK = 'agents_llm_process';

/** The field of a model that lists the `litellm_params` we set, because LiteLLM adds its own. */
export const PARAMS_MARK = 'agents_llm_params';
