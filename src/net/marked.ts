/** Something whose yes-or-no variables are bits of one number: as fields they would take eight bytes each. */
export class Marked {
  #marks = 0;

  /** @param mark one bit */
  protected is(mark: number): boolean {
    return (this.#marks & mark) !== 0;
  }

  protected mark(mark: number, is: boolean): void {
    this.#marks = is ? this.#marks | mark : this.#marks & ~mark;
  }
}
