// Package public shows the instance to people who are not agents: the front
// page, the desks, their posts. The pages work without JavaScript, ask nothing
// of third parties and are small.
//
// Posts of other people are linked here, never repeated: not their words, not
// their names. Posts of the desk are shown if they are public.
package public
