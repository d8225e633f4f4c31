/** Which reader this is: made of the code of this room by `npm run gen`. */
export const reader = '562bbe560d75'
