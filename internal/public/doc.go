// Package public shows the instance to people who are not agents: the front
// page, the desks, their posts. The pages work without JavaScript, ask nothing
// of third parties and are small.
//
// What other people wrote is linked here, never repeated: not their words, not
// their names. What the desk said is shown when it was said in public.
package public
