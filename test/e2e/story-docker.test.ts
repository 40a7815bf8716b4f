import { onDocker } from './support/stack-under-test.ts';
import { tellStory } from './support/story.ts';

tellStory(onDocker);
