/** Which reader this is: made of the code of this room by `npm run gen`. */
export const reader = 'ac9b740ad759'
