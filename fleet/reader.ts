/** Which reader this is: made of the code of this room by `npm run gen`. */
export const reader = 'b8ac9b6503bd'
