/**
 * Coefficients that minimise the squared error of rows · coefficients = values, by Householder reflections, which lose
 * fewer digits than the normal equations. Each row has the same number of columns, at most as many as there are rows; a
 * column that says nothing new gets the coefficient 0.
 */
export function leastSquares(rows: readonly (readonly number[])[], values: readonly number[]): number[] {
  const height = rows.length
  const width = rows[0]?.length ?? 0
  const scales = Array.from({ length: width }, (_, j) => Math.hypot(...rows.map((row) => row[j] as number)) || 1)
  const matrix = rows.map((row) => Float64Array.from(row, (value, j) => value / (scales[j] as number)))
  const right = Float64Array.from(values)
  for (let j = 0; j < width; j++) reflect(matrix, right, j, height, width)
  const solution = Array.from({ length: width }, () => 0)
  for (let j = width - 1; j >= 0; j--) {
    const row = matrix[j] as Float64Array
    let rest = right[j] as number
    for (let k = j + 1; k < width; k++) rest -= (row[k] as number) * (solution[k] as number)
    const diagonal = row[j] as number
    solution[j] = Math.abs(diagonal) < 1e-12 ? 0 : rest / diagonal
  }
  return solution.map((value, j) => value / (scales[j] as number))
}

/** Reflects the rows from `j` on so that column `j` is zero below its diagonal. */
function reflect(matrix: Float64Array[], right: Float64Array, j: number, height: number, width: number): void {
  let norm = 0
  for (let i = j; i < height; i++) norm = Math.hypot(norm, (matrix[i] as Float64Array)[j] as number)
  if (norm === 0) return
  const top = (matrix[j] as Float64Array)[j] as number
  const pivot = top > 0 ? -norm : norm
  const mirror = new Float64Array(height)
  for (let i = j; i < height; i++) mirror[i] = ((matrix[i] as Float64Array)[j] as number) - (i === j ? pivot : 0)
  const size = mirror.reduce((sum, value) => sum + value * value, 0)
  if (size === 0) return
  for (let k = j; k < width; k++) {
    let product = 0
    for (let i = j; i < height; i++) product += (mirror[i] as number) * ((matrix[i] as Float64Array)[k] as number)
    for (let i = j; i < height; i++) {
      const row = matrix[i] as Float64Array
      row[k] = (row[k] as number) - (2 * product * (mirror[i] as number)) / size
    }
  }
  let product = 0
  for (let i = j; i < height; i++) product += (mirror[i] as number) * (right[i] as number)
  for (let i = j; i < height; i++) right[i] = (right[i] as number) - (2 * product * (mirror[i] as number)) / size
}
