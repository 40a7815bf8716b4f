import { onNative } from './support/stack-under-test.ts';
import { tellStory } from './support/story.ts';

tellStory(onNative);
