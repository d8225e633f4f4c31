/** Which reader this is: made of the code of this room by `npm run gen`. */
export const reader = '6c8b90a0794a'
