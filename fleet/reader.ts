/** Which reader this is: made of the code of this room by `npm run gen`. */
export const reader = 'd752a317b1f5'
