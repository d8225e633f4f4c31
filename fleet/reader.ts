/** Which reader this is: made of the code of this room by `npm run gen`. */
export const reader = 'f17c1b4a1e79'
