/** Words of sentences that are no part of a name or an address: "i don't have one", "can you repeat that". */
export const SENTENCE_WORD =
  /^(?:i|i'd|i'll|i'm|you|we|it|that|this|the|a|an|my|your|don't|not|no|nope|can|could|do|does|would|will|is|are|was|want|have|need|get|give|make|order|with|to|and|or|but|for|same|yes|yeah|sure|okay|please|thanks|thank|wait|sorry|hello|what|what's|why|how|when|where|which|who|again|repeat|say|know)$/;
